## refused: migrations.services.app.user is empty
{ app.user = ""; }
