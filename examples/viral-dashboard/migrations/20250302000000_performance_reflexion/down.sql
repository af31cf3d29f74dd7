-- Loses every figure, critique and insight.
DROP TABLE scoring_adjustments;
DROP TABLE reflexion_insights;
DROP TABLE self_critiques;
DROP TABLE analytics_snapshots;
DROP TABLE performance_feedback;
