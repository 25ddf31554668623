## refused: two migrations are called 2
{ app.migrations = [ { version = "2"; up.script = "true"; } { version = "2"; up.script = "false"; } ]; }
