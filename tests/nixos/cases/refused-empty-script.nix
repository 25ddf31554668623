## refused: migrations.services.app.detect is empty
{ app.detect = "\n"; }
