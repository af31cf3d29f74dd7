-- Loses every video.
DROP TABLE videos;
