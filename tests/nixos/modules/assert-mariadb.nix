## assertion: migrations.mariadb.enable: services.mysql.package is mysql, which is not MariaDB
{ pkgs, ... }: {
  module = {
    services.mysql = { enable = true; package = pkgs.mysql84; };
    migrations.mariadb.enable = true;
  };
}
