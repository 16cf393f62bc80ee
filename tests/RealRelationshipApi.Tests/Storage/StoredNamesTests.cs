using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Reporting.Practice;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Studies.Coding;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Tests.Storage;

/// <summary>Names and numbers in stores that come from names and order of C# members. Renaming a member must not alter them; new ones may follow.</summary>
public sealed class StoredNamesTests
{
    private static readonly JsonSerializerOptions s_options = new(StrictJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    /// <summary><c>change.kind</c>, which the hash chain covers.</summary>
    [Fact]
    public void Change_kinds() => ShouldBegin(
        "submitted replaced retracted reviewed measured released erased accessed rescored adopted issued rotated revoked declared withdrawn coded",
        Enum.GetValues<ChangeKind>().Select(ChangeKinds.ToText));

    /// <summary>What subkeys are derived for. A change of one would make every store unreadable.</summary>
    [Fact]
    public void Key_purposes()
    {
        var texts = typeof(KeyPurposes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToList();
        Assert.Equal(
            [
                "key-check", "change-digest", "change-chain", "change-head", "store-identity", "store-head",
                "study-version", "instrument-version", "measure", "rescored", "release", "erasure", "access-entries", "api-key", "undeclared-items",
                "idempotency-row", "import-row", "import-line-row", "csv-measure-row", "csv-export-row",
                "pseudonym", "site", "withheld", "erasure-list", "idempotency-key", "idempotency-request", "quota",
                "sealed-columns", "sealed file", "key id",
            ], texts.Take(30));
        Assert.Contains("measure-identifier-row", texts);
        Assert.Contains("csv-unchanged-row", texts);
        Assert.Equal(texts.Distinct(StringComparer.Ordinal), texts);
    }

    /// <summary>Enums by name: study and instrument content, <c>study_version.status</c>, association keys, releases, imports, hashes of measures.</summary>
    [Fact]
    public void Enum_names()
    {
        ShouldBegin("accepted pending retracted rejected returned", EnumNames<StudyStatus>.All);
        ShouldBegin("primary siteSummary reference", EnumNames<StudyKind>.All);
        ShouldBegin("prospective concurrent retrospective", EnumNames<StudyDesign>.All);
        ShouldBegin("treatmentOutcome treatmentProgress sessionOutcome followUp", EnumNames<OutcomeType>.All);
        ShouldBegin("client therapist observer", EnumNames<Rater>.All);
        ShouldBegin("higherIsBetter higherIsWorse", EnumNames<OutcomeDirection>.All);
        ShouldBegin("betweenClient withinClient betweenTherapist", EnumNames<EffectLevel>.All);
        ShouldBegin("concurrent early mid late", EnumNames<EffectTiming>.All);
        ShouldBegin("r partialR semiPartialR spearman fisherZ d g t f chi2 p oddsRatio effect pooled range beta kendall counts means",
            EnumNames<StatisticType>.All);
        ShouldBegin("groups perSd", EnumNames<OddsRatioContrast>.All);
        ShouldBegin("realRelationship sessionOutcome treatmentOutcome treatmentProgress alliance", EnumNames<Construct>.All);
        ShouldBegin("client therapist", EnumNames<ScoreRater>.All);
        ShouldBegin("stronger better worse", EnumNames<ScoreDirection>.All);
        ShouldBegin("mean sum meanTimesTen", EnumNames<ScoreAggregation>.All);
        ShouldBegin("allNeeded prorate subscaleMean", EnumNames<MissingItems>.All);
        ShouldBegin("published asPrinted unpublished site", EnumNames<ScoringKey>.All);
        ShouldBegin("alpha omega", EnumNames<ReliabilityCoefficient>.All);
        ShouldBegin("final amended corrected enteredInError preliminary inProgress registered stopped cancelled unknown", EnumNames<MeasureStatus>.All);
        ShouldBegin("session3 session1 firstQuarter allMean", EnumNames<OutcomeWindow>.All);
        ShouldBegin("running done failed", EnumNames<ImportState>.All);
        ShouldBegin("riskOfBias inconsistency indirectness imprecision publicationBias", EnumNames<CertaintyDomain>.All);
        ShouldBegin("none serious verySerious notAssessable", EnumNames<CertaintyJudgement>.All);
        ShouldBegin("high moderate low veryLow", EnumNames<CertaintyLevel>.All);
        ShouldBegin("correlational experimental expert", EnumNames<StatementBasis>.All);
    }

    /// <summary>Enums by number: encrypted scores and patient records, hashes of measures.</summary>
    [Fact]
    public void Enum_numbers()
    {
        ShouldBegin(
            "final=0 amended=1 corrected=2 enteredInError=3 preliminary=4 inProgress=5 registered=6 stopped=7 cancelled=8 unknown=9",
            Numbers<MeasureStatus>());
        ShouldBegin("client=0 therapist=1", Numbers<ScoreRater>());
        ShouldBegin("mean=0 sum=1 meanTimesTen=2", Numbers<ScoreAggregation>());
        ShouldBegin("asSent=0 converted=1 mean=2 sum=3 meanTimesTen=4 subscaleMean=5", Numbers<ScoringRule>());
        ShouldBegin("realRelationship=0 sessionOutcome=1 treatmentOutcome=2 treatmentProgress=3 alliance=4", Numbers<Construct>());
        ShouldBegin("analysed=0 held=1 retracted=2", Numbers<ScoreState>());
    }

    /// <summary>JSON that is encrypted: a measure, and the errors of an import.</summary>
    [Fact]
    public void Members_of_encrypted_content()
    {
        ShouldContainInOrder(
            "Version Status SourceSystem Therapist Episode Session SessionNumber OccurredAt Instrument InstrumentVersion Construct Rater Scale "
            + "Items Score Oriented Unit ItemsAnswered ItemsExpected ScoringRule Prorated Administration IsCopy",
            MeasureJsonContext.Default.MeasureContent);
        ShouldContainInOrder<FieldError>("pointer code detail");
    }

    /// <summary>JSON that is hashed as text, so that the order of members counts.</summary>
    [Fact]
    public void Members_of_hashed_content()
    {
        ShouldContainInOrder<StudyRequest>("key citation kind synthetic published design country setting therapists note effects");
        ShouldContainInOrder<Citation>("authors year title doi");
        ShouldContainInOrder<About>("title curators contact licence doi protocol search stoppingRule conflicts version recordedAt");
        ShouldContainInOrder<CertaintyRecord>("startsAt judgements version recordedAt");
        ShouldContainInOrder<SignedStart>("level reason by evidenceRevision at");
        ShouldContainInOrder<SignedJudgement>("domain judgement reason by evidenceRevision at");
        ShouldContainInOrder<PracticeStatements>("statements version recordedAt");
        ShouldContainInOrder<PracticeStatement>("id text source basis query population unknown signedBy signedAt");
        ShouldContainInOrder<LiteratureSearch>("sources strings lastSearched cadence");
        ShouldContainInOrder<EffectRequest>(
            "key sample statistic outcomeType relationshipRater outcomeRater relationshipMeasure relationshipScale outcomeMeasure outcomeDirection "
            + "level timing relationshipReliability outcomeReliability adjustedFor moderators");
        ShouldContainInOrder<Statistic>(
            "type value n n1 n2 df df1 df2 sign covariates rSquared se tails contrast lower upper confidence yi vi r k from to a b c d mean1 sd1 mean2 sd2");
        ShouldContainInOrder<Instrument>(
            "code name construct raters direction items key reversed scales missing codings reliability reliableChange changeAtLeast cutOff "
            + "notes licence version");
        ShouldContainInOrder<StudyCodingRequest>("coder date design effects");
        ShouldContainInOrder<ItemRange>("count minimum maximum decimals");
        ShouldContainInOrder<ScaleDefinition>("name aggregations items count minimum maximum descriptive");
        ShouldContainInOrder<MissingItemsRule>("rule atMost");
        ShouldContainInOrder<InstrumentCoding>("system code scale");
        ShouldContainInOrder<PublishedReliability>("scale coefficient value");
        ShouldContainInOrder<ReleaseContent>("site window effects suppressed");
        ShouldContainInOrder<ReleasedEffect>("cell level basis epoch yi vi patients therapists releasedAt");
        ShouldContainInOrder<WithheldAssociation>("cell reason");
    }

    /// <summary>Associated data of encrypted columns.</summary>
    [Fact]
    public void Row_paths_of_encrypted_columns()
    {
        var key = new Pseudonym([.. Enumerable.Range(0, Pseudonym.Length).Select(i => (byte)i)]);
        const string Hex = "000102030405060708090a0b0c0d0e0f10111213";
        Assert.Equal($"measure_version/{Hex}/3/1", EncryptedRowPaths.Measure(key, 3, withdraws: true));
        Assert.Equal($"patient_record/{Hex}", EncryptedRowPaths.Patient(key));
        Assert.Equal($"stratum_sum/cell/{Hex}", EncryptedRowPaths.Stratum("cell", key));
        Assert.Equal("cell_sum/cell", EncryptedRowPaths.Cell("cell"));
        Assert.Equal("site_count", EncryptedRowPaths.Counts);
        Assert.Equal("session_import_line/id/7", ImportStore.RowPath("id", 7));
    }

    private static IEnumerable<string> Numbers<T>() where T : struct, Enum =>
        Enum.GetValues<T>().Select(value => $"{JsonNamingPolicy.CamelCase.ConvertName(value.ToString())}={Convert.ToInt64(value)}");

    private static void ShouldBegin(string stored, IEnumerable<string> names)
    {
        var first = stored.Split(' ');
        Assert.Equal(first, names.Take(first.Length));
    }

    private static void ShouldContainInOrder<T>(string stored) => ShouldContainInOrder(stored, s_options.GetTypeInfo(typeof(T)));

    private static void ShouldContainInOrder(string stored, JsonTypeInfo type)
    {
        var names = stored.Split(' ');
        Assert.Equal(names, type.Properties.Select(p => p.Name).Where(names.Contains));
    }
}
