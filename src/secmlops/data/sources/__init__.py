"""Where tables come from: files, folders of Parquet, S3 and PostgreSQL, each read as a stream of Arrow batches."""
