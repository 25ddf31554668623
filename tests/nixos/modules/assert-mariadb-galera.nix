## assertion: migrations.mariadb.enable: the nodes of a Galera cluster
{ pkgs, ... }: {
  module = {
    services.mysql = { enable = true; package = pkgs.mariadb_118; galeraCluster.enable = true; };
    migrations.mariadb.enable = true;
  };
}
