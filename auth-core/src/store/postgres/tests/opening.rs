//! Opening databases: empty ones, ours, and those to keep away from.

use bitrix_id_config::Secret;
use tokio::task::JoinSet;

use super::*;

async fn refusal(options: PostgresOptions) -> OpenPostgresError {
    open_postgres(options).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_open_a_new_database_at_once() {
    let database = postgres::database().await;
    let mut opening = JoinSet::new();
    for _ in 0..6 {
        let options = options(&database.url());
        opening.spawn(async move {
            let store = open_postgres(options).await.unwrap();
            (store.secret("hop").await.unwrap(), store)
        });
    }
    let opened = opening.join_all().await;
    assert!(opened.iter().all(|(secret, _)| *secret == opened[0].0));
    let version = Schema::of_this_program().version();
    assert_eq!(number(&database, "SELECT count(*) FROM schema_versions").await, version);
    assert_eq!(number(&database, "SELECT max(version) FROM schema_versions").await, version);
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let database = postgres::database().await;
    let store = open(&database).await;
    let anna = create(&store, "anna@example.com").await;
    store.close().await;
    let store = open(&database).await;
    assert_eq!(store.account(anna).await.unwrap().unwrap().email, "anna@example.com");
}

#[tokio::test]
async fn an_older_schema_is_brought_up_to_date() {
    let database = postgres::database().await;
    database.execute("CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)").await;
    let first = Schema::of_this_program().after(0).next().unwrap();
    database.execute(first.sql).await;
    database
        .execute(
            "INSERT INTO schema_versions VALUES (1);
             INSERT INTO accounts (id, email, name, state, generation, created_at)
             VALUES ('018bcfe5-6800-7000-8000-000000000001', 'anna@example.com', 'Ännä', 'active', 1, 0)",
        )
        .await;
    let store = open(&database).await;
    assert!(store.account_by_email("anna@example.com").await.unwrap().is_some());
    let folded = "SELECT count(*) FROM accounts WHERE name_key = 'ännä'";
    assert_eq!(number(&database, folded).await, 1);
}

#[tokio::test]
async fn what_is_not_our_database_is_left_alone() {
    let database = postgres::database().await;
    database.execute("CREATE TABLE accounts (x BIGINT)").await;
    let error = refusal(options(&database.url())).await.to_string();
    assert!(error.ends_with(&format!("/{} is a database of another program", database.name())));
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(number(&database, tables).await, 1);
}

#[tokio::test]
async fn a_role_needs_its_password_and_the_right_to_make_tables() {
    let database = postgres::database().await;
    let role = format!("role_{}", database.name());
    database.execute(&format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")).await;
    let known = |password: &str| PostgresOptions {
        url: format!("{}?sslmode=disable", database.url_as(&role)).parse().unwrap(),
        password: Some(Secret::new(password)),
        ..options(&database.url())
    };

    let wrong = refusal(known("mistaken /?#%")).await;
    assert!(wrong.to_string().contains("password authentication failed"), "{wrong}");
    let forbidden = refusal(known(PASSWORD)).await;
    assert!(forbidden.to_string().contains("GRANT USAGE, CREATE ON SCHEMA public"), "{forbidden}");
    for error in [&wrong, &forbidden] {
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("mistaken") && !text.contains(PASSWORD), "{text}");
        }
    }

    database.execute(&format!("GRANT CREATE ON SCHEMA public TO {role}")).await;
    let store = open_postgres(known(PASSWORD)).await.unwrap();
    create(&store, "anna@example.com").await;
    for text in [format!("{store:?}"), format!("{:?}", known(PASSWORD))] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
    store.close().await;
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_role_that_may_not_change_tables_opens_a_schema_that_is_up_to_date() {
    let database = database().await;
    let role = format!("role_{}", database.name());
    database
        .execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'pw';
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .await;
    let known = PostgresOptions {
        url: format!("{}?sslmode=disable", database.url_as(&role)).parse().unwrap(),
        password: Some(Secret::new("pw")),
        ..options(&database.url())
    };
    let store = open_postgres(known).await.unwrap();
    create(&store, "anna@example.com").await;
    store.close().await;
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_server_is_believed_if_a_known_authority_vouches_for_its_name() {
    let database = database().await;
    let authority = database.server().authority();
    let with = |url: String, parameters: &str| PostgresOptions {
        url: format!("{url}?{parameters}").parse().unwrap(),
        ..options(&database.url())
    };
    let known = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    let store = open_postgres(with(database.url(), &known)).await.unwrap();
    create(&store, "anna@example.com").await;
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE datname = current_database() AND ssl AND version = 'TLSv1.3'";
    assert!(number(&database, encrypted).await > 0);

    let unknown = refusal(with(database.url(), "sslmode=verify-full")).await;
    assert!(unknown.to_string().contains("certificate"), "{unknown}");
    // The certificate has the address alone.
    let other_name = database.url().replace("127.0.0.1", "localhost");
    let other_name = refusal(with(other_name, &known)).await;
    assert!(other_name.to_string().contains("certificate"), "{other_name}");
}

#[tokio::test]
async fn a_server_is_reached_through_its_socket() {
    let database = database().await;
    let port = database.server().port();
    let parameters = format!("host={}&sslmode=prefer", database.server().socket().display());
    let url = format!("postgres://postgres@localhost:{port}/{}?{parameters}", database.name());
    let socket = PostgresOptions { url: url.parse().unwrap(), ..options(&database.url()) };
    create(&open_postgres(socket).await.unwrap(), "anna@example.com").await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let database = postgres::database().await;
    let elsewhere = database.url().replace(database.name(), "nowhere");
    let mut options = options(&elsewhere);
    options.password = Some(Secret::new(PASSWORD));
    let error = refusal(options).await;
    assert!(error.to_string().starts_with(&format!("{elsewhere}: ")), "{error}");
    assert!(!format!("{error:?}").contains(PASSWORD));
}

/// Ids, names of portals and what accounts are found by come in the same order everywhere.
#[tokio::test]
async fn text_is_compared_as_octets_whatever_the_database_is_told() {
    let icu = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0";
    let database = postgres::database_with(icu).await;
    assert_eq!(number(&database, "SELECT CAST('a' < 'B' AS INT)::BIGINT").await, 1, "it is told");
    let store = open(&database).await;
    for id in ["b", "a-b", "ab", "a", "a1"] {
        let portal = crate::store::StoredPortal {
            id: id.to_owned(),
            toml: String::new(),
            created_at: NOW,
            created_by: None,
        };
        assert!(store.add_portal(portal).await.unwrap());
    }
    let ids: Vec<String> = store.portals().await.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(ids, ["a", "a-b", "a1", "ab", "b"]);
    let other = "SELECT count(*) FROM information_schema.columns
                 WHERE table_schema = 'public' AND data_type = 'text'
                   AND collation_name IS DISTINCT FROM 'C'";
    assert_eq!(number(&database, other).await, 0);
    let texts = "SELECT count(*) FROM information_schema.columns
                 WHERE table_schema = 'public' AND data_type = 'text'";
    assert!(number(&database, texts).await > 50);
}

const PASSWORD: &str = "open: sesame/?#@ 100%";
