## refused: migrations.services.app.detect: the first word is the absolute path of a program
{ app.detect = [ "app" "version" ]; }
