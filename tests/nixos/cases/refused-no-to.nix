## refused: migrations.services.app.steps.a.to is not set
{ app.steps.a.up.script = "true"; }
