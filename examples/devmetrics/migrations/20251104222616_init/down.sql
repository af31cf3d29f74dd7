-- Loses everything: organizations, repositories, their activity.
DROP TABLE issues;
DROP TABLE pull_requests;
DROP TABLE commits;
DROP TABLE events;
DROP TABLE repository_stats;
DROP TABLE repositories;
DROP TABLE user_organizations;
DROP TABLE organizations;
DROP TABLE users;
DROP TYPE delivery_status;
DROP TYPE risk_level;
DROP TYPE sensitivity_level;
DROP TYPE org_role;
DROP TYPE plan_tier;
