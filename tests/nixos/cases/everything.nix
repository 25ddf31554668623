# Every option that this release honours, in one service.
## app.ini: Version=2.1
## app.ini: Directory=/var/lib/app
## app.ini: Directory=/srv/app
## app.ini: Exclude=/srv/app/media
## app.ini: Unit=app.service
## app.ini: Unit=app-worker.service
## app.ini: OldUnit=old-app.service
## app.ini: User=app
## app.ini: Group=0
## app.ini: Policy=confirm
## app.ini: CopyLimit=50G
## app.ini: Downgrade=script
## app.ini: Detect=/usr/bin/env printf "%%s\n" "2 \"quoted\" back\\slash"
## app.ini: FreshCheck=/opt/scripts/migrate-app-fresh
## app.ini: Init=/opt/scripts/migrate-app-init
## app.ini: MaxSkip=major
## app.ini: Gaps=allow
## app.ini: Protect=in-place
## app.ini: Stamp=store
## app.ini: Accepts=2.0
## app.ini: ReadWritePaths=/var/cache/app
## app.ini: Approved=1:2.1
## app.ini: Keep=5
## app.ini: KeepFor=90d
## app.ini: [EveryUp]
## app.ini: Script=/opt/scripts/migrate-app-everyUp-script
## app.ini: TimeoutSec=3600
## app.ini: Requires=postgresql.service
## app.ini: Nice=10
## app.ini: LoadCredential=key:/run/keys/app
## app.ini: Environment="GREETING=50%% of \"all\""
## app/accounts.ini: From=1
## app/accounts.ini: From=>=1.5 <2
## app/accounts.ini: To=2
## app/accounts.ini: Description=users are accounts now
## app/accounts.ini: External=yes
## app/accounts.ini: Post=/opt/scripts/migrate-app-accounts-up-post
{
  app = {
    stateVersion = "2.1";
    directories = [ "/var/lib/app" "/srv/app" ];
    exclude = [ "/srv/app/media" ];
    units = [ "app.service" "app-worker.service" ];
    oldUnits = [ "old-app.service" ];
    user = "app";
    group = 0;
    accepts = [ "2.0" ];
    policy = "confirm";
    approved = [ "1:2.1" ];
    copyLimit = "50G";
    downgrade = "script";
    fresh = "test ! -e \"$STATE/data\"";
    init = "app-admin create \"$STATE\"";
    detect = [ "/usr/bin/env" "printf" "%s\n" "2 \"quoted\" back\\slash" ];
    maxSkip = "major";
    gaps = "allow";
    protect = "in-place";
    stamp = "store";
    readWritePaths = [ "/var/cache/app" ];
    keep = 5;
    keepFor = "90d";
    everyUp = {
      script = "app-admin migrate";
      timeout = 3600;
    };
    steps.accounts = {
      from = [ "1" ">=1.5 <2" ];
      to = 2;
      description = ''
        users are
        accounts now
      '';
      up = {
        check = "true";
        script = "true";
        verify = "true";
        post = "true";
        backup = "true";
        restore = "true";
        external = true;
      };
      down.script = "true";
    };
    unitConfig = { Requires = "postgresql.service"; After = [ "postgresql.service" ]; };
    serviceConfig = { Nice = 10; LoadCredential = [ "key:/run/keys/app" ]; };
    environment.GREETING = "50% of \"all\"";
  };
}
