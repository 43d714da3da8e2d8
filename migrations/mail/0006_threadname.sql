-- The names of a thread go when the last of its messages is erased.

CREATE INDEX threadname_threads ON threadname (
    thread -- threadname.thread, to find a thread's names
);

DELETE FROM threadname WHERE thread NOT IN (SELECT thread FROM thread);
