## error: migrations.services.app.policy
{ ... }: { module.migrations.services = { app.policy = "never"; }; }
