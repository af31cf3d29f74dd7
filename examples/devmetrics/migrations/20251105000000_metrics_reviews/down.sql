-- Loses every metric and review.
DROP TABLE ai_reviews;
DROP TABLE team_metrics;
DROP TABLE developer_metrics;
