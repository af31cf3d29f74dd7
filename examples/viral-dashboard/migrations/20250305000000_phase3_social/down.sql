-- Loses every connected account and post, and which post a feedback was about.
ALTER TABLE performance_feedback DROP COLUMN social_post_id;
DROP TABLE social_posts;
DROP TABLE social_accounts;
