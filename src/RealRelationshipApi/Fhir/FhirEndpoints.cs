using Hl7.Fhir.Model;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Fhir.Parsing;
using RealRelationshipApi.Fhir.Responses;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Refusals;

namespace RealRelationshipApi.Fhir;

/// <summary><c>/fhir</c>: session measurements as FHIR R4, into the same store as <c>/sessions</c>.</summary>
internal static class FhirEndpoints
{
    private const string PrivacyNote =
        "Persons are identified by references and identifiers only, which are stored as keyed hashes. Needs scope `sessions:write`.";

    public static IEndpointRouteBuilder MapFhir(this IEndpointRouteBuilder app)
    {
        var fhir = app.MapGroup(FhirConstants.BasePath).WithFhirParameters();

        fhir.MapPost("", FhirIntake.PostBundle).WithTags("Submit").WithName("submitFhirBundle").WithSummary("Submit a FHIR R4 bundle")
            .WithDescription(
                "A `transaction` is atomic; the entries of a `batch` are independent, likewise those of a `searchset`, a `collection` or the lines of "
                + "`application/fhir+ndjson`, which are created. Observation and QuestionnaireResponse are stored. "
                + "An Encounter is kept as keyed hashes: scores of its session have its therapist, treatment and number, whenever they come. "
                + "Patient, Practitioner, PractitionerRole, EpisodeOfCare and Questionnaire are used to resolve references only. "
                + $"{PrivacyNote}")
            .WithFhirWrite<Bundle, Bundle>([FhirConstants.NdjsonMediaType], StatusCodes.Status200OK);

        fhir.MapPost($"/{nameof(Observation)}", FhirIntake.Create<Observation>).WithTags("Submit").WithName("submitFhirObservation")
            .WithSummary("Submit a score as a FHIR R4 Observation")
            .WithDescription(
                "Accepts a total (value), the items of a form (component), or both. Returns 200 if it is already stored. A higher `meta.versionId` replaces "
                + "the stored version, `entered-in-error` withdraws it. `If-None-Exist: identifier=system|value` makes the create conditional. "
                + $"{PrivacyNote}")
            .WithFhirWrite<Observation, OperationOutcome>([], StatusCodes.Status201Created, StatusCodes.Status200OK);

        fhir.MapPost($"/{nameof(QuestionnaireResponse)}", FhirIntake.Create<QuestionnaireResponse>).WithTags("Submit")
            .WithName("submitFhirQuestionnaireResponse").WithSummary("Submit a form as a FHIR R4 QuestionnaireResponse")
            .WithDescription(
                "Accepts items (identified by LOINC code or by the number at the end of the linkId), a total, or both. An Observation derived from it is not "
                + "counted again. Returns 200 if it is already stored. A higher `meta.versionId` replaces the stored version, `entered-in-error` withdraws it. "
                + $"{PrivacyNote}")
            .WithFhirWrite<QuestionnaireResponse, OperationOutcome>([], StatusCodes.Status201Created, StatusCodes.Status200OK);

        var validate = app.MapGroup(FhirConstants.BasePath).WithFhirParameters(FhirIntake.Mode);
        MapValidate<Observation>(validate, "validateFhirObservation", "an Observation");
        MapValidate<QuestionnaireResponse>(validate, "validateFhirQuestionnaireResponse", "a QuestionnaireResponse");
        MapValidate<Bundle>(validate, "validateFhirBundle", "a bundle");

        fhir.MapGet("/metadata", GetCapabilities).WithTags("Look").WithName("getFhirCapabilities").WithSummary("Get the FHIR CapabilityStatement")
            .WithDescription("Describes the FHIR operations of this service. Needs no key.")
            .WithMediaTypes(FhirConstants.JsonMediaType, MediaTypes.Json).ProducesFhir<CapabilityStatement>(StatusCodes.Status200OK).ProducesFhirProblems()
            .AllowAnonymous();
        return app;
    }

    private static void MapValidate<T>(IEndpointRouteBuilder fhir, string name, string noun) where T : Resource =>
        fhir.MapPost($"/{typeof(T).Name}/$validate", FhirIntake.Validate<T>).WithTags("Submit").WithName(name).WithSummary($"Validate {noun}")
            .WithDescription(
                $"Checks {noun} as if it was submitted, also against what is stored, and stores nothing. The answer is an OperationOutcome with status 200, "
                + $"whose issues of severity `error` are all errors. {PrivacyNote}")
            .WithFhirWrite<T, OperationOutcome>([], StatusCodes.Status200OK);

    private static FhirResult GetCapabilities(EndpointDataSource endpoints, IOptions<CorsOptions> cors) =>
        new(CapabilityStatementBuilder.Build(endpoints.Endpoints.OfType<RouteEndpoint>(), cors.Value.OriginList.Count > 0));
}
