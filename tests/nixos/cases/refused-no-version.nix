## refused: migrations.services.app.migrations.[1].version is not set
{ app.migrations = [ { version = "1"; up.script = "true"; } { up.script = "true"; } ]; }
