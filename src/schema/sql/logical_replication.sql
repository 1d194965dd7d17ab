-- Whether anything of this database can be replicated logically: it has a publication, or a slot of
-- another plugin than that of publications. Where not, published_tables.sql need not be asked. No
-- parameters.
--
-- One row: it can
SELECT EXISTS (SELECT 1 FROM pg_publication)
       OR EXISTS (SELECT 1 FROM pg_replication_slots s
                  WHERE s.slot_type = 'logical'
                    AND s.database = current_database()
                    AND s.plugin <> 'pgoutput');
