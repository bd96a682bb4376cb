"""Where tables come from: files of text, of Parquet and folders of it, S3 and PostgreSQL, each read as a stream."""
