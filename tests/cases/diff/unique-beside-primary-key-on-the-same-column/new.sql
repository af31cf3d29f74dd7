CREATE TABLE public.account (id integer);
ALTER TABLE public.account ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE public.account ADD CONSTRAINT account_id_key UNIQUE (id);
CREATE TABLE public.ticket (code text);
ALTER TABLE public.ticket ADD CONSTRAINT ticket_code_key UNIQUE (code);
ALTER TABLE public.ticket ADD CONSTRAINT ticket_code_again UNIQUE (code);
