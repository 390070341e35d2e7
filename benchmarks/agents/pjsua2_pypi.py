"""Answers every call through PJSIP's SWIG binding as PyPI has it (pjsua2-python)."""

from __future__ import annotations

import pjsua2 as pj  # type: ignore[import-not-found]
from control import arguments, serve

calls: dict[int, pj.Call] = {}


class Call(pj.Call):  # type: ignore[misc]
    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            calls.pop(info.id, None)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        self.getInfo()


class Account(pj.Account):  # type: ignore[misc]
    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        call = calls[prm.callId] = Call(self, prm.callId)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        call.answer(answer)


def main() -> None:
    args = arguments()
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.maxCalls = args.max_calls
    config.uaConfig.threadCnt = 1
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 0
    config.medConfig.clockRate = 16000
    config.medConfig.ecTailLen = 0
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 0)
    endpoint.codecSetPriority("PCMU/8000/1", 255)
    transport = pj.TransportConfig()
    transport.port = args.port
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    account_config = pj.AccountConfig()
    account_config.idUri = f"sip:churn@127.0.0.1:{args.port}"
    account_config.mediaConfig.transportConfig.port = args.rtp_port
    account_config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    account = Account()
    account.create(account_config)
    serve()
    endpoint.libDestroy()


main()
