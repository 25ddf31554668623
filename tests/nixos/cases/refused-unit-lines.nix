## refused: migrations.services.app.serviceConfig.Environment is more than one line
{ app.serviceConfig.Environment = [ "A=b\nExecStart=/bin/evil" ]; }
