# Several services, one of which takes the migrations of another.
## b.ini: Migrations=a
## a.ini: SelfMigrating=yes
{
  a = { stateVersion = "2"; directories = [ "/var/lib/a" ]; selfMigrating = true; steps.up = { from = 1; to = 2; up.script = "true"; }; };
  b = { stateVersion = "2"; directories = [ "/var/lib/b" ]; migrationsOf = "a"; selfMigrating = true; };
}
