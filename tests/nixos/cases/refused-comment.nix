## refused: migrations.services.app.steps.a.from: a ';' behind a blank would begin a comment
{ app.steps.a = { from = "1 ;2"; to = "3"; up.script = "true"; }; }
