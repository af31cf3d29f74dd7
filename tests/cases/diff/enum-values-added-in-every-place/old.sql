CREATE TYPE e AS ENUM ('d', 'g');
