## refused: migrations.services.app.steps.up.up: there is no option scripts
{ app.steps.up = { to = "2"; up.scripts = "true"; }; }
