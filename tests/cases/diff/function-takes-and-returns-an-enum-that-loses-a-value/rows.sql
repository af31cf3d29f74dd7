INSERT INTO diary VALUES ('2024-01-01', 'sad'), ('2024-01-02', 'happy');
