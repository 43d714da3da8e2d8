-- What programs found in attachments, so that they are not run again. Also of messages that no segment covers yet.

CREATE TABLE extract (
    message INTEGER NOT NULL, -- message.id
    part    INTEGER NOT NULL, -- where the header of the attachment starts in the message
    sum     INTEGER NOT NULL, -- CRC-32C of message, part (8 bytes each, big-endian) and data
    data    BLOB NOT NULL,    -- the text: its length as a varint, then its stored form
    PRIMARY KEY (message, part)
) STRICT;
