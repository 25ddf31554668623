# A ready-made migration does nothing unless it is enabled and its service is enabled.
{ pkgs, ... }: {
  module = {
    services.postgresql = { enable = true; package = pkgs.postgresql_17; };
    services.paperless.enable = false;
    services.nextcloud.enable = false;
    migrations.paperless.enable = true;
    migrations.nextcloud.enable = true;
  };
  holds = one: { "nothing is declared" = one.config.migrations.services == { } && one.config.migrations.rendered.files == { }; };
}
