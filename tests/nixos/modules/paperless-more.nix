# Options of newer releases of NixOS: a file of secrets, an exporter.
{ ... }: {
  needs = [ "services.paperless.environmentFile" "services.paperless.exporter.enable" ];
  module = {
    services.paperless = { enable = true; environmentFile = "/run/secrets/paperless"; exporter.enable = true; };
    migrations.paperless.enable = true;
  };
  holds = one: with one.config.migrations; {
    "secrets stay in their file" = services.paperless.serviceConfig.EnvironmentFile == "/run/secrets/paperless";
    "exported documents are excluded" = builtins.elem "/var/lib/paperless/export" services.paperless.exclude;
    "the exporter waits for the migration" = builtins.elem "paperless-exporter.service" services.paperless.units;
  };
}
