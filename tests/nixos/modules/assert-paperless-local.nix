## assertion: migrations.paperless.enable: services.paperless (settings.PAPERLESS_DBHOST or PAPERLESS_DBENGINE, database.createLocally) uses a database server
{ ... }: {
  needs = [ "services.paperless.database.createLocally" ];
  module = {
    services.paperless = { enable = true; database.createLocally = true; };
    migrations.paperless.enable = true;
  };
}
