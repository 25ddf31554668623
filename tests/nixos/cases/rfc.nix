# RFC 0155's own shape: a list of versions with up and down scripts, warnings, backup and restore.
## app.ini: Version=2023-06-01
## app.ini: Directory=/etc/service-state
## app.ini: no Policy
## app/2023-04-07.ini: To=2023-04-07
## app/2023-04-07.ini: no From
## app/2023-04-07.ini: Script=/opt/scripts/migrate-app-2023-04-07-up-script
## app/2023-04-07.ini: Script=/opt/scripts/migrate-app-2023-04-07-down-script
## app/2023-04-07.ini: Backup=/opt/scripts/migrate-app-2023-04-07-up-backup
## app/2023-04-07.ini: Restore=/opt/scripts/migrate-app-2023-04-07-up-restore
## app/2023-06-01.ini: Warn=This one deletes configuration files; going back by itself is not possible.
## app/2023-06-01.ini: Warn=Restore them from a backup.
## script migrate-app-2023-04-07-up-script: --run-migration /etc/service-state
## script migrate-app-2023-04-07-up-restore: cp -r $BACKUP /etc/service-state
{
  app = {
    stateVersion = "2023-06-01";
    directories = [ "/etc/service-state" ];
    migrations = [
      {
        version = "2023-04-07";
        up = {
          script = ''
            my-service-cli --run-migration /etc/service-state
          '';
          backup = ''
            cp -r /etc/service-state $BACKUP
          '';
          restore = ''
            cp -r $BACKUP /etc/service-state
          '';
        };
        down.script = ''
          my-service-cli --run-migration /etc/service-state
        '';
      }
      {
        version = "2023-06-01";
        up.script = "true";
        up.warn = ''
          This one deletes configuration files; going back
          by itself is not possible.
        '';
        down.warn = ''
          Restore them from a backup.
        '';
      }
    ];
  };
}
