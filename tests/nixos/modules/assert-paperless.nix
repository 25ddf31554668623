## assertion: migrations.paperless.enable: services.paperless (settings.PAPERLESS_DBHOST or PAPERLESS_DBENGINE, database.createLocally) uses a database server
{ ... }: {
  module = {
    services.paperless = { enable = true; settings.PAPERLESS_DBHOST = "/run/postgresql"; };
    migrations.paperless.enable = true;
  };
}
