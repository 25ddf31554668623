# Ready-made migrations do nothing by themselves, and nothing for services that are off.
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
