-- Loses every organization, and which one a search belonged to.
ALTER TABLE saved_searches DROP COLUMN organization_id;
DROP TABLE organization_members;
DROP TABLE organizations;
