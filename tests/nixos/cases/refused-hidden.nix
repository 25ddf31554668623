## refused: no migration can be called '.1'
{ app.migrations = [ { version = ".1"; up.script = "true"; } ]; }
