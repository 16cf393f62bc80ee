-- Who else reports a sample is asked at every submission: without an index that read every current effect.
CREATE INDEX current_effect_by_sample ON current_effect (sample, study_key);
