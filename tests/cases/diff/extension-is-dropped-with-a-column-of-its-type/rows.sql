INSERT INTO item (id, props) VALUES (1, '"color"=>"red"');
