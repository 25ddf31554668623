## refused: migrations.services.app.user is more than one line
{ app.user = "a\nVersion=3"; }
