# Every option is documented, for the manual.
{ ... }: { module = { }; documentation = true; }
