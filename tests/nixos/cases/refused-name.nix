## refused: migrations.services.a/b: a name is of letters
{ "a/b".user = "root"; }
