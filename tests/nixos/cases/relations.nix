# What relates services and versions to others: hosts, older readers, software, the ways back.
## app.ini: Within=postgresql
## postgresql.ini: ReadableBy=16
## app.ini: Downgrade=script-or-restore
## app.ini: Software=/nix/store/00000000000000000000000000000000-app
## postgresql.ini: Downgrade=restore
## postgresql.ini: FormerName=pgsql
## postgresql.ini: FormerDirectory=/var/lib/pgsql
{
  app = {
    stateVersion = 2;
    directories = [ "/var/lib/app" ];
    within = [ "postgresql" ];
    software = { type = "derivation"; outPath = "/nix/store/00000000000000000000000000000000-app"; };
    downgrade = "script-or-restore";
    everyUp = { script = "true"; external = true; backup = "true"; restore = "true"; };
  };
  postgresql = {
    stateVersion = "17"; directories = [ "/var/lib/postgresql" ]; gaps = "allow"; downgrade = "restore"; readableBy = [ "16" ];
    formerNames = [ "pgsql" ];
    formerDirectories = [ "/var/lib/pgsql" ];
  };
}
