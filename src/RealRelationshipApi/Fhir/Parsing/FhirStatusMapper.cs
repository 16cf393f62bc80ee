using Hl7.Fhir.Model;

using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Maps FHIR statuses: finished ones are analysed, entered-in-error withdraws, and all others
/// are stored without being analysed.</summary>
internal static class FhirStatusMapper
{
    public static MeasureStatus ToMeasureStatus(ObservationStatus? status) => status switch
    {
        ObservationStatus.Final => MeasureStatus.Final,
        ObservationStatus.Amended => MeasureStatus.Amended,
        ObservationStatus.Corrected => MeasureStatus.Corrected,
        ObservationStatus.EnteredInError => MeasureStatus.EnteredInError,
        ObservationStatus.Registered => MeasureStatus.Registered,
        ObservationStatus.Preliminary => MeasureStatus.Preliminary,
        ObservationStatus.Cancelled => MeasureStatus.Cancelled,
        _ => MeasureStatus.Unknown,
    };

    public static MeasureStatus ToMeasureStatus(QuestionnaireResponse.QuestionnaireResponseStatus? status) => status switch
    {
        QuestionnaireResponse.QuestionnaireResponseStatus.Completed => MeasureStatus.Final,
        QuestionnaireResponse.QuestionnaireResponseStatus.Amended => MeasureStatus.Amended,
        QuestionnaireResponse.QuestionnaireResponseStatus.EnteredInError => MeasureStatus.EnteredInError,
        QuestionnaireResponse.QuestionnaireResponseStatus.InProgress => MeasureStatus.InProgress,
        QuestionnaireResponse.QuestionnaireResponseStatus.Stopped => MeasureStatus.Stopped,
        _ => MeasureStatus.Unknown,
    };
}
