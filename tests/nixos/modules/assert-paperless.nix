## assertion: migrations.paperless.enable: services.paperless.settings.PAPERLESS_DBHOST names a database server
{ pkgs, ... }: {
  module = {
    services.paperless = {
      enable = true; package = pkgs.paperless-ngx; dataDir = "/var/lib/paperless"; mediaDir = "/m"; consumptionDir = "/c";
      user = "paperless"; settings.PAPERLESS_DBHOST = "/run/postgresql"; environmentFile = null;
    };
    migrations.paperless.enable = true;
  };
}
