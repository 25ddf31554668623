## refused: migrations.services.app.ini: a name is of letters
{ "app.ini".user = "root"; }
