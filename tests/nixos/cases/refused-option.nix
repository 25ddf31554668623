## refused: migrations.services.app: there is no option stateversion
{ app = { stateversion = "1"; }; }
