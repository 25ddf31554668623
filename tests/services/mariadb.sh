# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # used by harness.sh
# shellcheck disable=SC2154 # and from there
# MariaDB for harness.sh: tables of several engines, routines, events, triggers, views, users with passwords.

service=mariadb
product=MariaDB
unit=mariadb.service
states=(/var/lib/mysql)
holds='mariadb-upgrade from'
room=16777216
way_back=restore

# sql MACHINE [USER PASSWORD] <STATEMENTS
sql() {
        # the programs of 10.5 have both names
        on "$1" mariadb --batch --skip-column-names --raw "${@:2}"
}

service_version() {
        on "$1" sh -c '/usr/sbin/mariadbd --version' | sed -E 's/.*Ver ([0-9]+\.[0-9]+)\..*/\1/'
}

service_fill() {
        sql "$1" <<'END'
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE `a b``c-d`;
USE shop;
CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60) CHARACTER SET utf8, pieces INT,
                     twice INT AS (pieces * 2) VIRTUAL, KEY (twice), FULLTEXT (name), KEY (name(10)));
INSERT INTO orders (name, pieces) SELECT CONCAT('größe ', seq), seq FROM seq_1_to_20000;
CREATE TABLE parts (id INT, bought DATE) PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO parts SELECT seq, '2020-02-02' FROM seq_1_to_300;
CREATE TABLE isam (a INT, t TEXT) ENGINE=MyISAM; INSERT INTO isam VALUES (1, 'one'), (2, 'two');
CREATE TABLE aria (a INT, j JSON) ENGINE=Aria; INSERT INTO aria VALUES (1, '{"a": 1}');
CREATE TABLE packed (a INT PRIMARY KEY, t TEXT) ROW_FORMAT=COMPRESSED; INSERT INTO packed SELECT seq, REPEAT('x', 999) FROM seq_1_to_99;
CREATE TABLE history (a INT) WITH SYSTEM VERSIONING; INSERT INTO history VALUES (1); UPDATE history SET a = 2;
CREATE SEQUENCE numbers START 1000; DO NEXTVAL(numbers);
CREATE TABLE `a b``c-d`.`t``1` (`x y` INT); INSERT INTO `a b``c-d`.`t``1` VALUES (7);
CREATE VIEW dear AS SELECT name FROM orders WHERE pieces > 19990;
CREATE FUNCTION doubled(a INT) RETURNS INT DETERMINISTIC RETURN a * 2;
CREATE PROCEDURE total() SELECT SUM(pieces) FROM orders;
CREATE TABLE log (what TEXT);
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.name);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO DELETE FROM log;
CREATE USER bob@localhost IDENTIFIED BY 'secret'; GRANT SELECT, EXECUTE ON shop.* TO bob@localhost;
CREATE USER carl@localhost IDENTIFIED BY 'other'; GRANT SELECT (name) ON shop.orders TO carl@localhost;
CREATE ROLE clerk; GRANT INSERT ON shop.orders TO clerk; GRANT clerk TO bob@localhost;
END
}

service_add() {
        sql "$1" <<<"INSERT INTO shop.orders (name, pieces) VALUES ('late', 1); COMMIT"
}

service_ask() {
        sql "$1" <<'END' || echo "the client has failed"
USE shop;
SELECT COUNT(*), MIN(name), SUM(pieces), SUM(twice) FROM orders;
SELECT id, name FROM orders ORDER BY id DESC LIMIT 1;
SELECT COUNT(*) FROM orders WHERE MATCH (name) AGAINST ('größe');
SELECT COUNT(*), SUM(id) FROM parts; SELECT * FROM isam; SELECT * FROM aria; SELECT COUNT(*), SUM(LENGTH(t)) FROM packed;
SELECT a FROM history FOR SYSTEM_TIME ALL ORDER BY a; SELECT `x y` FROM `a b``c-d`.`t``1`;
SELECT COUNT(*) FROM dear; SELECT doubled(21); CALL total(); SELECT * FROM log;
SELECT event_name, status, starts FROM information_schema.events;
SHOW GRANTS FOR carl@localhost; SHOW GRANTS FOR clerk;
END
        sql "$1" --user=bob --password=secret <<<"SELECT CURRENT_USER(); CALL shop.total(); SHOW GRANTS" || echo "bob cannot log in"
}

# unattended: as RPM distributions, NixOS and most images have it: nobody runs mariadb-upgrade after the start
unattended() {
        mkdir -p "$(machine_path new /etc/systemd/system/mariadb.service.d)"
        printf '[Service]\nExecStartPost=\n' >"$(machine_path new /etc/systemd/system/mariadb.service.d/unattended.conf)"
        on new systemctl daemon-reload
}

attended() {
        rm -r "$(machine_path new /etc/systemd/system/mariadb.service.d)"
        on new systemctl daemon-reload
}

# tried: what migratectl check says of the state that "new" has
tried() {
        on new migratectl check mariadb 2>&1
}

# settings MACHINE LINE…: an option file for this machine
settings() {
        printf '%s\n' '[mariadbd]' "${@:2}" >"$(machine_path "$1" /etc/mysql/mariadb.conf.d/99-test.cnf)"
}

no_settings() {
        rm -f "$(machine_path "$1" /etc/mysql/mariadb.conf.d/99-test.cnf)"
}

# make_more: what is "clean", with data that needs settings, and so many tables that their names are no argument
make_more() {
        local i name
        printf -v name '%060d' 0
        printf '1;%064d\n' 1 >"$(machine_path old /etc/mysql/keys)"
        cp "$(machine_path old /etc/mysql/keys)" "$(machine_path new /etc/mysql/keys)"
        settings old plugin_load_add=file_key_management file_key_management_filename=/etc/mysql/keys
        lay old clean "$old_version"
        started old
        {
                echo 'CREATE DATABASE many; USE many;'
                for (( i = 1001; i <= 2000; i++ )); do echo "CREATE TABLE t$i${name:5} (a INT) ENGINE=MyISAM; INSERT INTO t$i${name:5} VALUES (1);"; done
                echo "CREATE USER dora@localhost; GRANT PROCESS, FILE ON *.* TO dora@localhost;
                      CREATE TABLE shop.secret (a INT) ENCRYPTED=YES; INSERT INTO shop.secret VALUES (5);
                      INSTALL SONAME 'ha_archive'; CREATE TABLE shop.old (a INT) ENGINE=ARCHIVE; INSERT INTO shop.old VALUES (6);
                      CHANGE MASTER TO MASTER_HOST='192.0.2.1', MASTER_USER='nobody', MASTER_PASSWORD='none';"
        } | sql old
        on old systemctl stop mariadb
        # once upon a time it was MySQL 5.7
        on old touch /var/lib/mysql/auto.cnf
        keep old more
        on old sh -c 'mkdir -p /srv/far && chown mysql: /srv/far'
        lay old clean "$old_version"
        started old
        sql old <<<"CREATE TABLE shop.far (a INT) DATA DIRECTORY='/srv/far'"
        on old systemctl stop mariadb
        keep old far
        no_settings old
}

# lose SQL: a script of [Up] that loses something after the upgrade
lose() {
        printf '%s\n' '#!/bin/sh' '"$@" || exit' '. /usr/lib/migrate/mariadb/lib.sh' 'find_programs; make_work; server_start' \
                "query <<'SQL'" "$1" SQL server_stop >"$(machine_path new /opt/lose)"
        chmod +x "$(machine_path new /opt/lose)"
        around /opt/lose
}

service_more() {
        local new_version old_version refused lost
        new_version=$(service_version new)
        old_version=$(service_version old)
        on new systemctl stop mariadb

        lay new clean
        on new touch /var/lib/mysql/mysql.ibd
        tap_run on new migratectl enable mariadb
        like 'data of MySQL: the data is refused by name, with what to do' "$tap_output" 'data directory of MySQL.*mysqldump'
        fails 'data of MySQL: no version is declared' test -e "$(machine_path new /etc/migrate.d/mariadb.ini.d)"

        lay new clean "$new_version"
        unlike 'the unit has aliases: no alias is taken for another service on the state' "$(tried)" 'mysqld?.service has'
        settings new no_such_setting=1
        like 'an unknown setting: the setting is refused by name' "$(tried)" "unknown variable 'no_such_setting=1'"
        settings new innodb_force_recovery=1
        like 'innodb_force_recovery: the data is refused' "$(tried)" 'innodb_force_recovery is 1'
        settings new innodb_undo_directory=/srv innodb_log_group_home_dir=/srv/logs innodb_data_home_dir= \
                'innodb_data_file_path=ibdata1:12M;/srv/ibdata2:12M:autoextend'
        like 'files outside of the directory: the setting is refused by name' "$(tried)" 'innodb_undo_directory is /srv, outside'
        like 'files outside of the directory: each setting is refused by name' "$(tried)" 'innodb_log_group_home_dir is /srv/logs, outside'
        like 'files outside of the directory: a part of the system tablespace is refused by name' "$(tried)" \
                'innodb_data_file_path is /srv/ibdata2, outside'
        unlike 'files outside of the directory: a part inside of the directory is accepted' "$(tried)" 'is ibdata1'
        settings new datadir=/srv/mysql
        like 'the data is elsewhere: the directory to declare is named' "$(tried)" 'declare Directory=/srv/mysql'
        no_settings new
        on new touch /var/lib/mysql/grastate.dat
        like 'a node of a Galera cluster: the node is refused' "$(tried)" 'node of a Galera cluster'
        on new rm /var/lib/mysql/grastate.dat
        on new ln -s /srv/elsewhere.ibd /var/lib/mysql/shop/linked.ibd
        like 'a table is a link: the link is refused by name' "$(tried)" 'linked.ibd leads to /srv/elsewhere.ibd'
        on new rm /var/lib/mysql/shop/linked.ibd
        printf '[mariadbd]\ndatadir=/var/lib/mysql\nno_such_setting=2\n' >"$(machine_path new /etc/mysql/other.cnf)"
        lay new clean "$new_version" '[MigrateService]' 'Environment=MARIADB_DEFAULTS=/etc/mysql/other.cnf'
        like 'MARIADB_DEFAULTS: the settings are read from that file' "$(tried)" "unknown variable 'no_such_setting=2'"
        lay new clean 99.9
        like 'the server is not installed: the version that is installed is named' "$(tried)" "is MariaDB $new_version, and Version=99.9"

        # data that the new server cannot read
        make_more
        lay new far "$new_version"
        like 'a table with DATA DIRECTORY: the table is refused by name' "$(tried)" 'far.isl: the table was made with DATA DIRECTORY'
        lay new clean "$new_version"
        on new rm /var/lib/mysql/shop/packed.ibd
        fails 'the file of a table is missing: the service does not start' started new
        like 'the file of a table is missing: the table is named before anything is upgraded' "$(refusal new)" \
                "shop.packed.*cannot read all of the data"
        lay new more "$new_version"
        settings new no_such_setting=1
        like 'the data is of a replica: check says what comes first' "$(tried)" 'Upgrade the replicas before their primary'
        unlike 'MariaDB has once taken the data over from MySQL: the data is accepted' "$(tried)" 'data directory of MySQL'
        settings new plugin_load_add=file_key_management file_key_management_filename=/etc/mysql/keys
        fails 'an engine was loaded with INSTALL SONAME: the service does not start' started new
        like 'an engine was loaded with INSTALL SONAME: the engine is named' "$(refusal new)" \
                "engine 'ARCHIVE'.*cannot read all of the data"
        lay new more "$new_version"
        settings new plugin_load_add=ha_archive
        fails 'the key of a table is missing: the service does not start' started new
        like 'the key of a table is missing: the table is named' "$(refusal new)" '(secret|crypt).*cannot read all of the data'

        # an upgrade that loses something, of a thousand tables
        settings new plugin_load_add=ha_archive plugin_load_add=file_key_management file_key_management_filename=/etc/mysql/keys
        lay new more "$new_version"
        lose "DROP PROCEDURE shop.total; DELETE FROM shop.orders WHERE id = 5; DELETE HISTORY FROM shop.history;
DELETE FROM many.t2000$(printf '%055d' 0); DELETE FROM mysql.event;
UPDATE mysql.global_priv SET priv = REPLACE(priv, '*', '!') WHERE user = 'bob';
UPDATE mysql.global_priv SET priv = JSON_SET(priv, '\$.access', 256) WHERE user = 'dora';
UPDATE mysql.db SET execute_priv = 'N' WHERE user = 'bob';"
        fails 'the upgrade loses something: the service does not start' started new
        refused=$(refusal new)
        for lost in 'rows of shop.orders 20000' 'rows of shop.history 2' 'rows of many.t20000* 1' 'procedure shop total' \
                    'event shop nightly' 'user bob localhost' 'global privilege 9 dora localhost' 'grant on database shop bob'; do
                like "the upgrade loses something: what is missed is named ($lost)" "$refused" "$lost"
        done
        lay new more "$new_version"
        lose 'ALTER TABLE mysql.event MODIFY interval_field VARCHAR(30);'
        fails 'a table of the system is wrong after the upgrade: the service does not start' started new
        like 'a table of the system is wrong after the upgrade: the table is named' "$(refusal new)" 'Incorrect definition of table mysql.event'
        not_around

        # nothing is left to debian-start, and the errors of a plug-in are not those of the upgrade
        unattended
        lay new more "$new_version"
        settings new plugin_load_add=ha_archive plugin_load_add=file_key_management file_key_management_filename=/etc/mysql/keys \
                plugin_load_add=no_such_plugin
        ok 'nobody else runs mariadb-upgrade: the service starts' started new
        is 'nobody else runs mariadb-upgrade: nothing is left to do' \
                "$(on new mariadb-upgrade --check-if-upgrade-is-needed >/dev/null 2>&1; echo $?)" 1
        is 'nobody else runs mariadb-upgrade: a client sees the same data' "$(service_ask new)" "$before"
        is 'nobody else runs mariadb-upgrade: a client sees the tables that need settings' \
                "$(sql new <<<'SELECT a FROM shop.secret; SELECT a FROM shop.old')" $'5\n6'
        like 'the data is of a replica: the replica is one after the upgrade' "$(sql new <<<'SHOW SLAVE STATUS')" '192.0.2.1'
        like 'a plug-in is missing: the log has what the server says' "$(on new migratectl log mariadb)" 'the server logs: .*no_such_plugin'
        on new systemctl stop mariadb
        no_settings new
        attended
        [[ $(type -t service_killed_primary) != function ]] || service_killed_primary

        # a mount point
        lay new clean "$new_version"
        on new sh -c 'mv /var/lib/mysql /srv/mysql; mkdir /var/lib/mysql; mount --bind /srv/mysql /var/lib/mysql'
        fails 'the directory is a mount point: the service does not start' started new
        like 'the directory is a mount point: the setting to add is named' "$(refusal new)" 'add ignore_db_dirs=.migrate'
        printf '[mariadbd]\nignore_db_dirs=.migrate\n' >"$(machine_path new /etc/mysql/mariadb.conf.d/60-migrate.cnf)"
        ok 'the directory is a mount point, with the setting: the service starts' started new
        is 'the directory is a mount point, with the setting: a client sees no database of that name' \
                "$(sql new <<<'SHOW DATABASES' | grep -c migrate)" 0
        ok 'the directory is a mount point, with the setting: mariadb-check is content' on new mariadb-check --all-databases --silent
        on new sh -c 'systemctl stop mariadb; umount /var/lib/mysql'
}
