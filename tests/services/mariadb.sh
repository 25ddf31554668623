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

service_more() {
        local new_version
        new_version=$(service_version new)
        on new systemctl stop mariadb

        lay new clean
        on new touch /var/lib/mysql/auto.cnf
        tap_run on new migratectl enable mariadb
        like 'data of MySQL: the data is refused by name, with what to do' "$tap_output" 'data directory of MySQL.*mysqldump'
        fails 'data of MySQL: no version is declared' test -e "$(machine_path new /etc/migrate.d/mariadb.ini.d)"

        lay new clean "$new_version"
        unlike 'the unit has aliases: no alias is taken for another service on the state' "$(tried)" 'mysqld?.service has'
        printf '[mariadbd]\nno_such_setting=1\n' >"$(machine_path new /etc/mysql/mariadb.conf.d/99-test.cnf)"
        like 'an unknown setting: the setting is refused by name' "$(tried)" "unknown variable 'no_such_setting=1'"
        printf '[mariadbd]\ninnodb_force_recovery=1\n' >"$(machine_path new /etc/mysql/mariadb.conf.d/99-test.cnf)"
        like 'innodb_force_recovery: the data is refused' "$(tried)" 'innodb_force_recovery is 1'
        printf '[mariadbd]\ninnodb_undo_directory=/srv\n' >"$(machine_path new /etc/mysql/mariadb.conf.d/99-test.cnf)"
        like 'files outside of the directory: the setting is refused by name' "$(tried)" 'innodb_undo_directory is /srv, outside'
        printf '[mariadbd]\ndatadir=/srv/mysql\n' >"$(machine_path new /etc/mysql/mariadb.conf.d/99-test.cnf)"
        like 'the data is elsewhere: the directory to declare is named' "$(tried)" 'declare Directory=/srv/mysql'
        rm "$(machine_path new /etc/mysql/mariadb.conf.d/99-test.cnf)"
        on new ln -s /srv/elsewhere.ibd /var/lib/mysql/shop/linked.ibd
        like 'a table is a link: the link is refused by name' "$(tried)" 'linked.ibd leads to /srv/elsewhere.ibd'
        on new rm /var/lib/mysql/shop/linked.ibd
        lay new clean 99.9
        like 'the server is not installed: the version that is installed is named' "$(tried)" "is MariaDB $new_version, and Version=99.9"

        # a script that loses something
        lay new clean "$new_version"
        printf '%s\n' '#!/bin/sh' '"$@" || exit' '. /usr/lib/migrate/mariadb/lib.sh' 'find_programs; make_work; server_start' \
                'query "DROP PROCEDURE shop.total; DELETE FROM shop.orders WHERE id = 5; UPDATE mysql.global_priv SET priv = REPLACE(priv, 0x2A, 0x21) WHERE user = 0x626F62"' \
                'server_stop' >"$(machine_path new /opt/lose)"
        chmod +x "$(machine_path new /opt/lose)"
        around /opt/lose
        fails 'the upgrade loses something: the service does not start' started new
        like 'the upgrade loses something: the row is missed' "$(refusal new)" 'rows of shop.orders 20000'
        like 'the upgrade loses something: the routine is missed' "$(refusal new)" 'procedure shop total'
        like 'the upgrade loses something: the password is missed' "$(refusal new)" 'user bob localhost'

        # a mount point
        not_around
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
